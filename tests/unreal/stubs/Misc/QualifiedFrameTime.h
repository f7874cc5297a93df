#pragma once

#include "Misc/FrameRate.h"

struct FQualifiedFrameTime
{
	FQualifiedFrameTime(const FFrameTime& Time, const FFrameRate& Rate);
};
