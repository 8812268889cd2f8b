#include "scenes/scene.h"

namespace ella {

Rgb ColorRgb(Color color) {
  switch (color) {
    case Color::kRed:
      return {210, 15, 30};
    case Color::kGreen:
      return {20, 150, 40};
    case Color::kBlue:
      return {30, 60, 220};
    case Color::kYellow:
      return {255, 235, 40};
    case Color::kPurple:
      return {140, 30, 170};
    case Color::kOrange:
      return {250, 130, 0};
    case Color::kWhite:
      break;
  }
  return {255, 255, 255};
}

Rgb BackgroundRgb(Background background) {
  switch (background) {
    case Background::kGray:
      return {128, 128, 128};
    case Background::kBlack:
      return {10, 10, 10};
    case Background::kPink:
      return {250, 145, 195};
    case Background::kBrown:
      return {100, 60, 25};
    case Background::kCyan:
      break;
  }
  return {70, 215, 230};
}

std::string ShapeName(Shape shape) {
  switch (shape) {
    case Shape::kCircle:
      return "circle";
    case Shape::kSquare:
      return "square";
    case Shape::kTriangle:
      return "triangle";
    case Shape::kStar:
      return "star";
    case Shape::kCross:
      return "cross";
    case Shape::kRing:
      break;
  }
  return "ring";
}

std::string ColorName(Color color) {
  switch (color) {
    case Color::kRed:
      return "red";
    case Color::kGreen:
      return "green";
    case Color::kBlue:
      return "blue";
    case Color::kYellow:
      return "yellow";
    case Color::kPurple:
      return "purple";
    case Color::kOrange:
      return "orange";
    case Color::kWhite:
      break;
  }
  return "white";
}

std::string BackgroundName(Background background) {
  switch (background) {
    case Background::kGray:
      return "gray";
    case Background::kBlack:
      return "black";
    case Background::kPink:
      return "pink";
    case Background::kBrown:
      return "brown";
    case Background::kCyan:
      break;
  }
  return "cyan";
}

std::string SizeName(Size size) {
  return size == Size::kSmall ? "small" : "large";
}

std::string ShapePlural(Shape shape) {
  return shape == Shape::kCross ? "crosses" : ShapeName(shape) + "s";
}

std::string CountName(int count) {
  switch (count) {
    case 1:
      return "one";
    case 2:
      return "two";
    case 3:
      return "three";
    case 4:
      return "four";
    default:
      return std::to_string(count);
  }
}

float SizeRadius(Size size) {
  return (size == Size::kSmall ? 7.0f : 11.5f) / 64;
}

bool Alike(const SceneObject& a, const SceneObject& b) {
  return a.shape == b.shape && a.color == b.color && a.size == b.size;
}

}  // namespace ella
