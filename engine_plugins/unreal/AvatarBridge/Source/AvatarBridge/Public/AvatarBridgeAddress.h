#pragma once

#include "CoreMinimal.h"

#include "AvatarBridgeAddress.generated.h"

/** Where a bridge is, and which of its avatars is meant. */
USTRUCT(BlueprintType)
struct AVATARBRIDGE_API FAvatarBridgeAddress
{
	GENERATED_BODY()

	/** ws:// or wss://, host and port. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Avatar Bridge")
	FString Server = TEXT("ws://127.0.0.1:8765");

	/** The avatar at the bridge; made on first use. Avatars of different names speak independently. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Avatar Bridge")
	FString Subject = TEXT("avatar");

	/** What curves and bones are called and scaled to: a rig of the bridge. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Avatar Bridge")
	FString Rig = TEXT("metahuman");

	/** The server's token, where it has one. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Avatar Bridge", AdvancedDisplay, meta = (PasswordField = true))
	FString Token;

	/** The address of a WebSocket of the server: `Path` is /ws/stream or /ws/control. */
	FString UrlOf(const TCHAR* Path) const;
	/** What goes with the request. */
	TMap<FString, FString> Headers() const;

	bool operator==(const FAvatarBridgeAddress& Other) const;
};
