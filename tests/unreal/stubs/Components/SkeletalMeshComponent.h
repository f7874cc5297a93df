#pragma once

#include "Components/SceneComponent.h"

class USkeletalMesh;

class USkeletalMeshComponent : public USceneComponent
{
public:
	USkeletalMesh* GetSkeletalMeshAsset() const;
	void SetMorphTarget(FName Name, float Value, bool bRemoveZeroWeight = true);
};
