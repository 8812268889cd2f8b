#pragma once

namespace ella {

// SHA-256 in hex: of the API key "abc", from the standard (FIPS 180), and of
// nothing.
inline constexpr char kAbcHash[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
inline constexpr char kNothingHash[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

}  // namespace ella
