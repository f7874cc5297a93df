#pragma once

#include "CoreMinimal.h"

struct FFrameTime
{
};
struct FFrameRate
{
	FFrameRate(uint32 Numerator, uint32 Denominator);
	FFrameTime AsFrameTime(double Seconds) const;
};
