#pragma once

#include "CoreMinimal.h"

using FTickerDelegate = TStubDelegate<bool(float)>;
class FTSTicker
{
public:
	struct FDelegateHandle
	{
	};
	static FTSTicker& GetCoreTicker();
	FDelegateHandle AddTicker(const FTickerDelegate& Delegate, float DelayS = 0.0f);
	static void RemoveTicker(FDelegateHandle Handle);
};
