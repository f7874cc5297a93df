#include "AvatarBridgeVoice.h"

#include "Core/Wire.h"
#include "HAL/PlatformTime.h"

UAvatarBridgeVoice::UAvatarBridgeVoice(const FObjectInitializer& ObjectInitializer)
	: Super(ObjectInitializer)
{
	SetSampleRate(avatarbridge::kSampleRateHz);
	NumChannels = 1;
	Duration = INDEFINITELY_LOOPING_DURATION;
	SoundGroup = SOUNDGROUP_Voice;
	bLooping = false;
	// Out of earshot it goes on: it is the clock of the face.
	VirtualizationMode = EVirtualizationMode::PlayWhenSilent;
}

void UAvatarBridgeVoice::SetSpeaker(const TSharedPtr<avatarbridge::Speaker, ESPMode::ThreadSafe>& InSpeaker)
{
	Speaker = InSpeaker;
}

int32 UAvatarBridgeVoice::GeneratePCMData(uint8* PCMData, const int32 SamplesNeeded)
{
	if (!Speaker.IsValid() || SamplesNeeded <= 0)
	{
		return 0;
	}
	// The engine may ask for a third of a second at once; what is pulled can't be taken back, so no more than it needs.
	const int32 Count = FMath::Min(SamplesNeeded, NumSamplesToGeneratePerCallback);
	Speaker->Pull(FPlatformTime::Seconds(), reinterpret_cast<int16*>(PCMData), Count);
	return Count * static_cast<int32>(sizeof(int16));
}
