#pragma once

#include "Widgets/SWidget.h"

template <typename Number>
class SSpinBox : public SWidget
{
public:
	struct FArguments : TStubArguments<FArguments>
	{
		FArguments& MinValue(Number Value);
		FArguments& MaxValue(Number Value);
		template <typename F, typename = std::enable_if_t<std::is_invocable_r_v<Number, F>>>
		FArguments& Value_Lambda(F) { return static_cast<FArguments&>(*this); }
		template <typename F, typename = std::enable_if_t<std::is_invocable_v<F, Number>>>
		FArguments& OnValueChanged_Lambda(F) { return static_cast<FArguments&>(*this); }
	};
};
