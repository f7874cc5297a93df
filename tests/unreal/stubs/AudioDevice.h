#pragma once

#include "CoreMinimal.h"

class FAudioDevice
{
public:
	float GetSampleRate() const;
	int32 GetBufferLength() const;
	int32 GetNumBuffers() const;
};
