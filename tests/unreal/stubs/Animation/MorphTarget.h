#pragma once

#include "UObject/Object.h"

class UMorphTarget : public UObject
{
};
