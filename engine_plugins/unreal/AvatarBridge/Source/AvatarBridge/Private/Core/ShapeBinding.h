#pragma once

#include <string>
#include <vector>

namespace avatarbridge {

/// Which of a mesh's shapes each curve of a layout moves: pairs of indices, made once, and what did not bind.
struct ShapeBinding {
    struct Pair {
        int curve;
        int shape;
    };
    std::vector<Pair> pairs;
    std::vector<std::string> unbound;  ///< Curves that no shape takes.
};

ShapeBinding BindShapes(const std::vector<std::string>& curves, const std::vector<std::string>& shapes);

}  // namespace avatarbridge
