#pragma once

#include "CoreMinimal.h"

class IModuleInterface
{
public:
	virtual ~IModuleInterface();
	virtual void StartupModule();
	virtual void ShutdownModule();
};
class FModuleManager
{
public:
	static FModuleManager& Get();
	IModuleInterface& LoadModuleChecked(FName Name);
	template <typename T>
	static T& LoadModuleChecked(FName Name);
	template <typename T>
	static T* GetModulePtr(FName Name);
};
#define IMPLEMENT_MODULE(Class, Name) static Class StubModule##Name;
