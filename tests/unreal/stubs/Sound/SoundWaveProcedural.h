#pragma once

#include "UObject/Object.h"

enum class EVirtualizationMode : uint8 { Disabled, PlayWhenSilent, Restart };
enum ESoundGroup { SOUNDGROUP_Default, SOUNDGROUP_Voice };
inline constexpr float INDEFINITELY_LOOPING_DURATION = 10000.0f;

class USoundBase : public UObject
{
public:
	USoundBase(const FObjectInitializer& Initializer);
	EVirtualizationMode VirtualizationMode;
	float Duration;
};
class USoundWave : public USoundBase
{
public:
	using USoundBase::USoundBase;
	uint8 bLooping : 1;
	ESoundGroup SoundGroup;
	int32 NumChannels;
	void SetSampleRate(uint32 Hz, bool bFromEditor = false);
	virtual int32 GeneratePCMData(uint8* PCMData, const int32 SamplesNeeded);
};
class USoundWaveProcedural : public USoundWave
{
public:
	using USoundWave::USoundWave;
	virtual int32 GeneratePCMData(uint8* PCMData, const int32 SamplesNeeded) override;

protected:
	int32 NumSamplesToGeneratePerCallback;
};
