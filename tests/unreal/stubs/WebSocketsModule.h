#pragma once

#include "CoreMinimal.h"

class IWebSocket;

class FWebSocketsModule
{
public:
	static FWebSocketsModule& Get();
	TSharedRef<IWebSocket> CreateWebSocket(
		const FString& Url, const FString& Protocol = FString(), const TMap<FString, FString>& Headers = TMap<FString, FString>());
};
