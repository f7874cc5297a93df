#pragma once

#include "Widgets/SWidget.h"

class SHorizontalBox : public SWidget
{
public:
	struct FArguments
	{
	};
	struct FScopedWidgetSlotArguments
	{
		FScopedWidgetSlotArguments& AutoWidth();
		FScopedWidgetSlotArguments& FillWidth(float Share);
		FScopedWidgetSlotArguments& operator[](const TSharedRef<SWidget>& Child);
	};
	FScopedWidgetSlotArguments AddSlot();
};
