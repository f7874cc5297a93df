#pragma once

#include "CoreMinimal.h"

template <typename T>
class TStrongObjectPtr
{
public:
	bool IsValid() const;
	T* Get() const;
	T* operator->() const;
	void Reset(T* Object = nullptr);
};
