#include "AvatarBridgeSocket.h"

#include "AvatarBridgeLog.h"
#include "HAL/PlatformTime.h"
#include "IWebSocket.h"
#include "WebSocketsModule.h"

namespace
{
	/** The bridge's longest message is a second of sound, 48 kB. */
	constexpr int32 MaxMessageBytes = 1 << 20;
	/** The bridge asks for none; but where none is named, some versions of the engine send an empty one, which no server may take. */
	const TCHAR* const Protocol = TEXT("avatar-bridge");
}

FAvatarBridgeSocket::FAvatarBridgeSocket(const FAvatarBridgeAddress& Address, const TCHAR* Path, const TCHAR* Query, double SilentS)
	: Url(Address.UrlOf(Path) + Query)
	, Headers(Address.Headers())
	, Policy(SilentS)
{
}

FAvatarBridgeSocket::~FAvatarBridgeSocket()
{
	Drop();
}

void FAvatarBridgeSocket::Tick(double NowS)
{
	switch (Policy.Tick(NowS, FMath::FRand()))
	{
	case avatarbridge::Reconnect::Step::Connect:
		Connect();
		break;
	case avatarbridge::Reconnect::Step::Drop:
		Drop();
		break;
	case avatarbridge::Reconnect::Step::Nothing:
		break;
	}
}

bool FAvatarBridgeSocket::Send(const FString& Text)
{
	if (!IsConnected())
	{
		return false;
	}
	Socket->Send(Text);
	return true;
}

bool FAvatarBridgeSocket::IsConnected() const
{
	return Socket.IsValid() && Socket->IsConnected();
}

void FAvatarBridgeSocket::Connect()
{
	Drop();
	Socket = FWebSocketsModule::Get().CreateWebSocket(Url, Protocol, Headers);
	Socket->OnConnected().AddRaw(this, &FAvatarBridgeSocket::HandleConnected);
	Socket->OnConnectionError().AddRaw(this, &FAvatarBridgeSocket::HandleConnectionError);
	Socket->OnClosed().AddRaw(this, &FAvatarBridgeSocket::HandleClosed);
	if (OnBinary)
	{
		Socket->OnRawMessage().AddRaw(this, &FAvatarBridgeSocket::HandleRawMessage);
	}
	if (OnText)
	{
		Socket->OnMessage().AddRaw(this, &FAvatarBridgeSocket::HandleMessage);
	}
	Socket->Connect();
}

void FAvatarBridgeSocket::Drop()
{
	if (!Socket.IsValid())
	{
		return;
	}
	Socket->OnConnected().RemoveAll(this);
	Socket->OnConnectionError().RemoveAll(this);
	Socket->OnClosed().RemoveAll(this);
	Socket->OnRawMessage().RemoveAll(this);
	Socket->OnMessage().RemoveAll(this);
	Socket->Close();
	Socket.Reset();
	Message.Reset();
}

void FAvatarBridgeSocket::Lost(const FString& Reason)
{
	if (!bHasWarned)
	{
		UE_LOG(LogAvatarBridge, Warning, TEXT("No connection to the bridge at %s: %s. It is tried again."), *Url, *Reason);
		bHasWarned = true;
	}
	Policy.Lost(FPlatformTime::Seconds(), FMath::FRand());
}

void FAvatarBridgeSocket::HandleConnected()
{
	bHasWarned = false;
	Message.Reset();
	if (OnOpened)
	{
		OnOpened();
	}
}

void FAvatarBridgeSocket::HandleConnectionError(const FString& Error)
{
	Lost(Error);
}

void FAvatarBridgeSocket::HandleClosed(int32 Status, const FString& Reason, bool bWasClean)
{
	Lost(Reason.IsEmpty() ? FString::Printf(TEXT("closed with status %d"), Status) : Reason);
}

void FAvatarBridgeSocket::HandleRawMessage(const void* Data, SIZE_T Size, SIZE_T BytesRemaining)
{
	Policy.Heard(FPlatformTime::Seconds());
	const bool bFits = Size <= MaxMessageBytes && Message.Num() <= MaxMessageBytes - static_cast<int32>(Size);
	if (bFits)
	{
		Message.Append(static_cast<const uint8*>(Data), static_cast<int32>(Size));
	}
	if (BytesRemaining == 0)
	{
		if (bFits)
		{
			OnBinary(Message.GetData(), static_cast<SIZE_T>(Message.Num()));
		}
		Message.Reset();
	}
}

void FAvatarBridgeSocket::HandleMessage(const FString& Text)
{
	Policy.Heard(FPlatformTime::Seconds());
	OnText(Text);
}
