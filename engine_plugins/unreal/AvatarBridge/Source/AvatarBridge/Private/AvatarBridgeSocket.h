#pragma once

#include "AvatarBridgeAddress.h"
#include "Core/Reconnect.h"
#include "CoreMinimal.h"

class IWebSocket;

/** A WebSocket that comes back by itself, for as long as it lives. Game thread, where the engine's sockets report as well. */
class FAvatarBridgeSocket
{
public:
	TFunction<void()> OnOpened;
	TFunction<void(const uint8* Data, SIZE_T Size)> OnBinary;
	TFunction<void(const FString& Text)> OnText;

	/** `Query` is added to the address. `SilentS`: a connection from which nothing came for so long is given up. */
	FAvatarBridgeSocket(const FAvatarBridgeAddress& Address, const TCHAR* Path, const TCHAR* Query, double SilentS);
	~FAvatarBridgeSocket();
	FAvatarBridgeSocket(const FAvatarBridgeSocket&) = delete;
	FAvatarBridgeSocket& operator=(const FAvatarBridgeSocket&) = delete;

	/** To be called every frame. */
	void Tick(double NowS);
	/** Send a text, or, while there is no connection, forget it and return false. */
	bool Send(const FString& Text);
	bool IsConnected() const;

private:
	void Connect();
	void Drop();
	void Lost(const FString& Reason);

	void HandleConnected();
	void HandleConnectionError(const FString& Error);
	void HandleClosed(int32 Status, const FString& Reason, bool bWasClean);
	void HandleRawMessage(const void* Data, SIZE_T Size, SIZE_T BytesRemaining);
	void HandleMessage(const FString& Text);

	const FString Url;
	const TMap<FString, FString> Headers;
	avatarbridge::Reconnect Policy;
	TSharedPtr<IWebSocket> Socket;
	/** The fragments of a message so far. */
	TArray<uint8> Message;
	bool bHasWarned = false;
};
