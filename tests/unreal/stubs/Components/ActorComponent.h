#pragma once

#include "UObject/Object.h"

class AActor;

enum ELevelTick { LEVELTICK_All };
enum ETickingGroup { TG_PrePhysics, TG_PostPhysics };
namespace EEndPlayReason
{
enum Type { Destroyed, Quit };
}
struct FActorComponentTickFunction
{
	bool bCanEverTick;
	bool bTickEvenWhenPaused;
	ETickingGroup TickGroup;
};
class UActorComponent : public UObject
{
public:
	FActorComponentTickFunction PrimaryComponentTick;
	AActor* GetOwner() const;
	virtual void BeginPlay();
	virtual void EndPlay(const EEndPlayReason::Type Reason);
	virtual void TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction);
	void RegisterComponent();
	virtual void DestroyComponent(bool bPromoteChildren = false);
};
