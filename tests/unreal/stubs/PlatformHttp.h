#pragma once

#include "CoreMinimal.h"

struct FPlatformHttp
{
	static FString UrlEncode(const FString& Text);
};
