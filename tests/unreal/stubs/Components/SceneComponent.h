#pragma once

#include "Components/ActorComponent.h"

struct FAttachmentTransformRules
{
	static FAttachmentTransformRules SnapToTargetNotIncludingScale;
};
class USceneComponent : public UActorComponent
{
public:
	bool AttachToComponent(USceneComponent* Parent, const FAttachmentTransformRules& Rules, FName Socket = FName());
};
