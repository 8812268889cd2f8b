// The demo world: flat shapes on a plain background, as plain values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace ella {

enum class Shape { kCircle, kSquare, kTriangle, kStar, kCross, kRing };
enum class Color {
  kRed,
  kGreen,
  kBlue,
  kYellow,
  kPurple,
  kOrange,
  kWhite,
};
enum class Background { kGray, kBlack, kPink, kBrown, kCyan };
enum class Size { kSmall, kLarge };

inline constexpr std::array kShapes = {Shape::kCircle,   Shape::kSquare,
                                       Shape::kTriangle, Shape::kStar,
                                       Shape::kCross,    Shape::kRing};
inline constexpr std::array kColors = {
    Color::kRed,    Color::kGreen,  Color::kBlue, Color::kYellow,
    Color::kPurple, Color::kOrange, Color::kWhite};
inline constexpr std::array kBackgrounds = {
    Background::kGray, Background::kBlack, Background::kPink,
    Background::kBrown, Background::kCyan};
inline constexpr std::array kSizes = {Size::kSmall, Size::kLarge};

// 8 bits a channel. Any two of all colours and backgrounds are at least 100
// apart, so that a slight tint or blur confuses none of them.
using Rgb = std::array<uint8_t, 3>;
Rgb ColorRgb(Color color);
Rgb BackgroundRgb(Background background);

// The word for each: "circle", "red", "gray", "small".
std::string ShapeName(Shape shape);
std::string ColorName(Color color);
std::string BackgroundName(Background background);
std::string SizeName(Size size);
// "circles".
std::string ShapePlural(Shape shape);
// "one" to "four"; numbers beyond in digits.
std::string CountName(int count);

// All lengths are parts of the picture's side, x to the right and y down.

// Of the circle through the outermost points of a shape.
float SizeRadius(Size size);

struct SceneObject {
  Shape shape = Shape::kCircle;
  Color color = Color::kRed;
  Size size = Size::kSmall;
  float x = 0.5f;  // of the centre
  float y = 0.5f;

  friend bool operator==(const SceneObject&, const SceneObject&) = default;
};

// The same in shape, colour and size.
bool Alike(const SceneObject& a, const SceneObject& b);

struct Scene {
  Background background = Background::kGray;
  std::vector<SceneObject> objects;  // 1 to 4, at least 3/64 between any two

  friend bool operator==(const Scene&, const Scene&) = default;
};

}  // namespace ella
