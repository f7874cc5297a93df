#pragma once

#include "CoreMinimal.h"
#include "Misc/QualifiedFrameTime.h"

struct FLiveLinkSubjectName
{
	FLiveLinkSubjectName(FName Name);
};
struct FLiveLinkSubjectKey
{
	FLiveLinkSubjectKey(FGuid Source, FLiveLinkSubjectName Subject);
};
struct FLiveLinkWorldTime
{
	FLiveLinkWorldTime(const double TimeS);
};
struct FLiveLinkMetaData
{
	FQualifiedFrameTime SceneTime;
};
struct FLiveLinkBaseStaticData
{
	TArray<FName> PropertyNames;
	static UScriptStruct* StaticStruct();
};
struct FLiveLinkBaseFrameData
{
	FLiveLinkWorldTime WorldTime;
	FLiveLinkMetaData MetaData;
	TArray<float> PropertyValues;
	static UScriptStruct* StaticStruct();
};
class FLiveLinkStaticDataStruct
{
public:
	explicit FLiveLinkStaticDataStruct(const UScriptStruct* Type);
	template <typename T>
	T* Cast();
};
class FLiveLinkFrameDataStruct
{
public:
	explicit FLiveLinkFrameDataStruct(const UScriptStruct* Type);
	template <typename T>
	T* Cast();
};
