#pragma once

#include "Components/SceneComponent.h"

class AActor : public UObject
{
public:
	USceneComponent* GetRootComponent() const;
	template <typename T>
	void GetComponents(TArray<T*>& Components) const;
};
