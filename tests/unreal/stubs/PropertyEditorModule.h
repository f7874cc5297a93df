#pragma once

#include "IDetailCustomization.h"
#include "Modules/ModuleManager.h"

using FOnGetDetailCustomizationInstance = TStubDelegate<TSharedRef<IDetailCustomization>()>;

class FPropertyEditorModule : public IModuleInterface
{
public:
	void RegisterCustomClassLayout(FName Class, FOnGetDetailCustomizationInstance Make);
	void UnregisterCustomClassLayout(FName Class);
};
