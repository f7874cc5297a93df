#pragma once

#include "CoreMinimal.h"
#include "Input/Reply.h"

class SWidget
{
public:
	virtual ~SWidget();
};
template <typename Widget>
struct TStubNew
{
};
template <typename Widget>
TSharedRef<Widget> operator<<=(TStubNew<Widget>, const typename Widget::FArguments&);
#define SNew(Widget) TStubNew<Widget>() <<= Widget::FArguments()

template <typename Arguments>
struct TStubArguments
{
	template <typename F, typename = std::enable_if_t<std::is_invocable_r_v<bool, F>>>
	Arguments& IsEnabled_Lambda(F) { return static_cast<Arguments&>(*this); }
	Arguments& ToolTipText(const FText& Text);
};
