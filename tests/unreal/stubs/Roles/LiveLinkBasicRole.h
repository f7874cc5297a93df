#pragma once

#include "UObject/Object.h"

class ULiveLinkRole : public UObject
{
};
class ULiveLinkBasicRole : public ULiveLinkRole
{
public:
	static UClass* StaticClass();
};
