#pragma once

#include "AvatarBridgeAddress.h"
#include "AvatarBridgeTuning.h"
#include "Components/ActorComponent.h"
#include "CoreMinimal.h"

#include "AvatarBridgeComponent.generated.h"

class FAvatarBridgeClient;
class FAvatarBridgeLiveLinkSource;
class UAudioComponent;
class UAvatarBridgeVoice;
class USkeletalMeshComponent;

/** `StartSeconds` and `EndSeconds`: the stretch of the avatar's timeline in which the sentence is heard. */
DECLARE_DYNAMIC_MULTICAST_DELEGATE_ThreeParams(
	FAvatarBridgeCaption, const FString&, Text, double, StartSeconds, double, EndSeconds);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FAvatarBridgeState, const FString&, State);

/** A speaking avatar: plays the bridge's voice at its actor, and shows the face that belongs to what is heard, as a Live Link
 *  subject and, if asked, on the morph targets of the actor's meshes. */
UCLASS(ClassGroup = (AvatarBridge), meta = (BlueprintSpawnableComponent))
class AVATARBRIDGE_API UAvatarBridgeComponent : public UActorComponent
{
	GENERATED_BODY()

public:
	UAvatarBridgeComponent();

	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Avatar Bridge")
	FAvatarBridgeAddress Address;

	/** The subject's name in Live Link: one each avatar. None sends nothing there. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Avatar Bridge")
	FName LiveLinkSubject = TEXT("AvatarBridge");

	/** Also sets the morph targets of this actor's skeletal meshes that are named after curves. Not for MetaHumans, whose own
	 *  animation overwrites them. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Avatar Bridge")
	bool bDriveMorphTargets = false;

	/** Plays the voice here. Off: the face runs by the bridge's clock, and the voice comes from elsewhere. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Avatar Bridge")
	bool bPlayAudio = true;

	/** The voice comes from the actor's place, and not from everywhere. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Avatar Bridge")
	bool bSpatialAudio = false;

	/** How far behind the bridge's clock the face runs, against an uneven network. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Avatar Bridge", AdvancedDisplay, meta = (ClampMin = 0, Units = "ms"))
	float BufferMs = 100;

	/** How long it takes until what the engine has fetched is heard. Below 0: worked out from the engine's own buffers. Raise it
	 *  if the lips come before the voice. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Avatar Bridge", AdvancedDisplay, meta = (Units = "ms"))
	float OutputLatencyMs = -1;

	/** Says a line, after what is being said, or instead of it. Emotion and language may be left empty. */
	UFUNCTION(BlueprintCallable, Category = "Avatar Bridge")
	void Say(const FString& Text, const FString& Emotion, const FString& Lang, float Intensity = 1, bool bInterrupt = false);

	/** Says no more, and shuts the mouth. */
	UFUNCTION(BlueprintCallable, Category = "Avatar Bridge")
	void Stop();

	/** What the face shows between its lines: neutral, happy, sad, angry, surprised, fearful, disgusted, content. */
	UFUNCTION(BlueprintCallable, Category = "Avatar Bridge")
	void SetEmotion(const FString& Emotion, float Intensity = 1);

	UFUNCTION(BlueprintPure, Category = "Avatar Bridge")
	bool IsConnected() const;
	UFUNCTION(BlueprintPure, Category = "Avatar Bridge")
	bool IsSpeaking() const;
	/** A curve as it is shown now; 0 for one there is not. */
	UFUNCTION(BlueprintPure, Category = "Avatar Bridge")
	float GetCurve(FName Name) const;
	/** A bone's rotation from T-pose, local to its parent, in the rig's axes; the identity for one there is not. */
	UFUNCTION(BlueprintPure, Category = "Avatar Bridge")
	FQuat GetBoneRotation(FName Name) const;
	/** Curves that no morph target takes, while these are driven. */
	UFUNCTION(BlueprintPure, Category = "Avatar Bridge")
	TArray<FName> GetUnboundCurves() const { return UnboundCurves; }
	/** What tunes this avatar's rig while it plays. */
	UFUNCTION(BlueprintPure, Category = "Avatar Bridge")
	UAvatarBridgeTuning* GetTuning() const { return Tuning; }

	/** A sentence has been sent and will be heard. */
	UPROPERTY(BlueprintAssignable, Category = "Avatar Bridge")
	FAvatarBridgeCaption OnCaption;
	/** idle, listening, thinking, speaking. */
	UPROPERTY(BlueprintAssignable, Category = "Avatar Bridge")
	FAvatarBridgeState OnState;

	virtual void BeginPlay() override;
	virtual void EndPlay(const EEndPlayReason::Type Reason) override;
	virtual void TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction) override;

private:
	struct FMorph
	{
		TWeakObjectPtr<USkeletalMeshComponent> Mesh;
		FName Name;
		int32 Curve = 0;
	};

	void StartVoice();
	void UpdateLatency();
	void BindMorphTargets();
	void ShowFace(double NowS);
	void PushToLiveLink(double NowS);

	UPROPERTY(Transient)
	TObjectPtr<UAvatarBridgeTuning> Tuning;
	UPROPERTY(Transient)
	TObjectPtr<UAvatarBridgeVoice> Voice;
	UPROPERTY(Transient)
	TObjectPtr<UAudioComponent> Audio;

	TSharedPtr<FAvatarBridgeClient> Client;
	TSharedPtr<FAvatarBridgeLiveLinkSource> LiveLink;
	TArray<FMorph> Morphs;
	TArray<FName> UnboundCurves;
	bool bNamesPushed = false;
};
