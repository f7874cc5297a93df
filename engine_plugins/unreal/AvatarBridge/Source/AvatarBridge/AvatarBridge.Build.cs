using UnrealBuildTool;

public class AvatarBridge : ModuleRules
{
    public AvatarBridge(ReadOnlyTargetRules Target) : base(Target)
    {
        PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
        // Files of the core keep their constants to themselves.
        bUseUnity = false;
        PublicDependencyModuleNames.AddRange(new[] { "Core", "CoreUObject", "Engine" });
        PrivateDependencyModuleNames.AddRange(new[] { "HTTP", "LiveLinkInterface", "WebSockets" });
    }
}
