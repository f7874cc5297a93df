#pragma once

#include "Widgets/SWidget.h"

class STextBlock : public SWidget
{
public:
	struct FArguments : TStubArguments<FArguments>
	{
		FArguments& Text(const FText& Value);
		template <typename F, typename = std::enable_if_t<std::is_invocable_r_v<FText, F>>>
		FArguments& Text_Lambda(F) { return static_cast<FArguments&>(*this); }
	};
};
