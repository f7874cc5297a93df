#pragma once

#include "UObject/Object.h"

class UPackage : public UObject
{
};
UPackage* GetTransientPackage();
