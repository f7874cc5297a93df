#include "ShapeBinding.h"

#include <cstddef>
#include <unordered_map>

#include "ShapeNames.h"

namespace avatarbridge {

ShapeBinding BindShapes(const std::vector<std::string>& curves, const std::vector<std::string>& shapes) {
    std::unordered_multimap<std::string, int> byKey;
    for (std::size_t i = 0; i < shapes.size(); ++i) byKey.emplace(ShapeKey(shapes[i]), static_cast<int>(i));
    ShapeBinding binding;
    for (std::size_t c = 0; c < curves.size(); ++c) {
        const auto [first, last] = byKey.equal_range(ShapeKey(curves[c]));
        if (first == last) binding.unbound.push_back(curves[c]);
        for (auto it = first; it != last; ++it) binding.pairs.push_back({static_cast<int>(c), it->second});
    }
    return binding;
}

}  // namespace avatarbridge
