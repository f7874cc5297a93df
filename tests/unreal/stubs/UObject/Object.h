#pragma once

#include "CoreMinimal.h"

class UClass;
class UWorld;

class UObject
{
public:
	virtual ~UObject();
	FName GetFName() const;
	FString GetName() const;
	virtual void BeginDestroy();
	virtual UWorld* GetWorld() const;
};
class UClass : public UObject
{
};
