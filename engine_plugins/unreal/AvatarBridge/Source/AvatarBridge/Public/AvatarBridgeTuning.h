#pragma once

#include "AvatarBridgeAddress.h"
#include "CoreMinimal.h"
#include "Containers/Ticker.h"
#include "UObject/Object.h"

#include "AvatarBridgeTuning.generated.h"

struct FAvatarBridgeDesk;

/** What may be set at a path, in the path's own unit. */
struct FAvatarBridgeRange
{
	double Min = 0;
	double Max = 1;
	FString Unit;
	FString Label;
};

DECLARE_DYNAMIC_MULTICAST_DELEGATE(FAvatarBridgeTuningChanged);

/** A seat at the bridge's desk, over /ws/control: it makes an avatar speak and tunes its rig live, together with all others
 *  who do. Paths are the bridge's: `rig.curves.JawOpen.gain`, `override.jawOpen`, `emotion.name`. */
UCLASS(BlueprintType)
class AVATARBRIDGE_API UAvatarBridgeTuning : public UObject
{
	GENERATED_BODY()

public:
	/** Connect, and stay connected until `Disconnect`. */
	void Connect(const FAvatarBridgeAddress& InAddress);
	void Disconnect();

	UFUNCTION(BlueprintPure, Category = "Avatar Bridge")
	bool IsConnected() const;
	bool IsConnectedTo(const FAvatarBridgeAddress& Address) const;

	/** Say a line. `Emotion` and `Lang` may be empty. Returns false while there is no connection. */
	bool Say(const FString& Text, const FString& Lang, const FString& Emotion, double Intensity, bool bInterrupt);
	bool Stop();

	UFUNCTION(BlueprintCallable, Category = "Avatar Bridge")
	bool SetNumber(const FString& Path, double Value);
	UFUNCTION(BlueprintCallable, Category = "Avatar Bridge")
	bool SetChoice(const FString& Path, const FString& Value);
	UFUNCTION(BlueprintCallable, Category = "Avatar Bridge")
	bool Undo();
	UFUNCTION(BlueprintCallable, Category = "Avatar Bridge")
	bool Redo();
	/** Keep the rig as it is tuned, in the bridge's folder of the user. */
	UFUNCTION(BlueprintCallable, Category = "Avatar Bridge")
	bool Save();

	/** A value as the bridge has it; false where it has no number there. */
	UFUNCTION(BlueprintPure, Category = "Avatar Bridge")
	bool GetNumber(const FString& Path, double& Value) const;
	/** The curves of the rig; empty before the bridge has told them. */
	UFUNCTION(BlueprintPure, Category = "Avatar Bridge")
	TArray<FString> GetCurves() const;
	bool GetRange(const FString& Path, FAvatarBridgeRange& Range) const;
	bool CanUndo() const;
	bool CanRedo() const;
	bool HasUnsaved() const;
	/** What the bridge refused last, as a sentence; empty if nothing. */
	FString GetLastError() const;

	/** Something was set, by whomever, or the state changed. */
	UPROPERTY(BlueprintAssignable, Category = "Avatar Bridge")
	FAvatarBridgeTuningChanged OnChanged;

	virtual void BeginDestroy() override;

private:
	bool Tick(float DeltaSeconds);

	TSharedPtr<FAvatarBridgeDesk> Desk;
	FTSTicker::FDelegateHandle Ticker;
};
