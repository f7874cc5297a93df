#pragma once

#include "Core/Speaker.h"
#include "CoreMinimal.h"
#include "Sound/SoundWaveProcedural.h"

#include "AvatarBridgeVoice.generated.h"

/** The bridge's speech as a sound that never ends: silence where nothing is said, so that what was pulled is a clock. */
UCLASS(Transient)
class UAvatarBridgeVoice : public USoundWaveProcedural
{
	GENERATED_BODY()

public:
	UAvatarBridgeVoice(const FObjectInitializer& ObjectInitializer);

	/** Game thread, before it plays. */
	void SetSpeaker(const TSharedPtr<avatarbridge::Speaker, ESPMode::ThreadSafe>& InSpeaker);

	/** Audio render thread: fills the block whole. Returns bytes. */
	virtual int32 GeneratePCMData(uint8* PCMData, const int32 SamplesNeeded) override;

private:
	TSharedPtr<avatarbridge::Speaker, ESPMode::ThreadSafe> Speaker;
};
