#pragma once

#include "UObject/Object.h"

class FAudioDevice;

class UWorld : public UObject
{
public:
	FAudioDevice* GetAudioDeviceRaw() const;
};
