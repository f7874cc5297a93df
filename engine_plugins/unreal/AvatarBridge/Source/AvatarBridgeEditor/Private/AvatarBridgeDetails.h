#pragma once

#include "Containers/Ticker.h"
#include "CoreMinimal.h"
#include "IDetailCustomization.h"
#include "Input/Reply.h"

class IDetailCategoryBuilder;
class SWidget;
class UAvatarBridgeComponent;

/** The "Avatar Bridge Tuning" section of a component's details: gain, offset and smoothing of each curve of its rig, live at the
 *  bridge, with undo and save. Works while the game runs and while it does not; others' changes show at once. */
class FAvatarBridgeDetails : public IDetailCustomization
{
public:
	static TSharedRef<IDetailCustomization> MakeInstance();
	virtual ~FAvatarBridgeDetails() override;

	virtual void CustomizeDetails(IDetailLayoutBuilder& Builder) override;
	virtual void CustomizeDetails(const TSharedPtr<IDetailLayoutBuilder>& Builder) override;

	/** Leaves the bridge's desk: the editor ends. */
	static void Close();

private:
	static void AddStatus(IDetailCategoryBuilder& Category, TWeakObjectPtr<UAvatarBridgeComponent> Shown);
	static void AddCurve(IDetailCategoryBuilder& Category, const FString& Curve);
	static TSharedRef<SWidget> MakeButton(const FText& Label, TFunction<void()> Do, TFunction<bool()> IsEnabled);
	static TSharedRef<SWidget> MakeValue(const FString& Path);
	static bool IsLive(TWeakObjectPtr<UAvatarBridgeComponent> Shown);
	static FReply ToggleConnection(TWeakObjectPtr<UAvatarBridgeComponent> Shown);
	static FText GetStatus(TWeakObjectPtr<UAvatarBridgeComponent> Shown);
	bool HandleTick(float DeltaSeconds);

	TWeakObjectPtr<UAvatarBridgeComponent> Component;
	TWeakPtr<IDetailLayoutBuilder> Layout;
	FTSTicker::FDelegateHandle Ticker;
	int32 ShownCurves = 0;
};
