#include "AvatarBridgeLog.h"
#include "Modules/ModuleManager.h"

DEFINE_LOG_CATEGORY(LogAvatarBridge);

/** The runtime half of the plugin. Nothing runs until a component does. */
class FAvatarBridgeModule : public IModuleInterface
{
public:
	virtual void StartupModule() override
	{
		// It must be there before the first socket is made.
		FModuleManager::Get().LoadModuleChecked(TEXT("WebSockets"));
	}
};

IMPLEMENT_MODULE(FAvatarBridgeModule, AvatarBridge)
