#include "model/writing/tensor_shapes.h"

#include <gtest/gtest.h>

#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace ella {
namespace {

struct Count {
  size_t tensors = 0;
  int64_t parameters = 0;

  friend bool operator==(const Count&, const Count&) = default;
  friend void PrintTo(const Count& count, std::ostream* out) {
    *out << count.tensors << " tensors, " << count.parameters << " parameters";
  }
};

// Of distinct names.
Count CountOf(const std::vector<TensorShape>& shapes) {
  std::set<std::string> names;
  Count count;
  for (const TensorShape& shape : shapes) {
    names.insert(shape.name);
    int64_t elements = 1;
    for (const int64_t length : shape.shape) elements *= length;
    count.parameters += elements;
  }
  count.tensors = names.size();
  return count;
}

TEST(TensorShapesTest, HasAsManyAsThePublishedModels) {
  EXPECT_EQ(CountOf(UnetShapes({})), (Count{686, 859'520'964}));
  EXPECT_EQ(CountOf(VaeShapes({})), (Count{248, 83'653'863}));
  EXPECT_EQ(CountOf(ClipShapes({})), (Count{196, 123'060'480}));
  EXPECT_EQ(CountOf(T5EncoderShapes({})), (Count{219, 1'223'527'424}));
  EXPECT_EQ(CountOf(EllaShapes({})), (Count{93, 66'820'608}));
}

}  // namespace
}  // namespace ella
