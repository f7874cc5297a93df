#include "AvatarBridgeComponent.h"
#include "AvatarBridgeDetails.h"
#include "Modules/ModuleManager.h"
#include "PropertyEditorModule.h"

/** The editor half of the plugin: the tuning panel in the component's details. */
class FAvatarBridgeEditorModule : public IModuleInterface
{
public:
	virtual void StartupModule() override
	{
		FPropertyEditorModule& Properties = FModuleManager::LoadModuleChecked<FPropertyEditorModule>(TEXT("PropertyEditor"));
		ClassName = UAvatarBridgeComponent::StaticClass()->GetFName();
		Properties.RegisterCustomClassLayout(
			ClassName, FOnGetDetailCustomizationInstance::CreateStatic(&FAvatarBridgeDetails::MakeInstance));
	}

	virtual void ShutdownModule() override
	{
		FAvatarBridgeDetails::Close();
		if (FPropertyEditorModule* Properties = FModuleManager::GetModulePtr<FPropertyEditorModule>(TEXT("PropertyEditor")))
		{
			Properties->UnregisterCustomClassLayout(ClassName);
		}
	}

private:
	FName ClassName;
};

IMPLEMENT_MODULE(FAvatarBridgeEditorModule, AvatarBridgeEditor)
