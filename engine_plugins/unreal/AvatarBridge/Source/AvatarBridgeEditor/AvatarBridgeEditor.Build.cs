using UnrealBuildTool;

public class AvatarBridgeEditor : ModuleRules
{
    public AvatarBridgeEditor(ReadOnlyTargetRules Target) : base(Target)
    {
        PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
        PrivateDependencyModuleNames.AddRange(new[]
        {
            "AvatarBridge", "Core", "CoreUObject", "Engine", "PropertyEditor", "Slate", "SlateCore", "UnrealEd",
        });
    }
}
