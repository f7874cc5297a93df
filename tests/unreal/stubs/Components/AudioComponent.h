#pragma once

#include "Components/SceneComponent.h"

class USoundBase;

class UAudioComponent : public USceneComponent
{
public:
	uint8 bAutoDestroy : 1;
	uint8 bAllowSpatialization : 1;
	void SetSound(USoundBase* Sound);
	void Play(float StartS = 0.0f);
	void Stop();
};
