#pragma once

#include "Widgets/SWidget.h"

class FDetailWidgetRow
{
public:
	struct FDetailWidgetDecl
	{
		FDetailWidgetRow& operator[](const TSharedRef<SWidget>& Child);
	};
	FDetailWidgetDecl& NameContent();
	FDetailWidgetDecl& ValueContent();
	FDetailWidgetDecl& WholeRowContent();
};
