#pragma once

#include "UObject/Object.h"

class UMorphTarget;

class USkeletalMesh : public UObject
{
public:
	const TArray<TObjectPtr<UMorphTarget>>& GetMorphTargets() const;
};
