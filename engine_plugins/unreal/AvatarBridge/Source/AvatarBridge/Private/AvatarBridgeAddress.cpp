#include "AvatarBridgeAddress.h"

#include "PlatformHttp.h"

FString FAvatarBridgeAddress::UrlOf(const TCHAR* Path) const
{
	const FString Query = TEXT("?subject=") + FPlatformHttp::UrlEncode(Subject) + TEXT("&rig=") + FPlatformHttp::UrlEncode(Rig);
	return (Server.EndsWith(TEXT("/")) ? Server.LeftChop(1) : Server) + Path + Query;
}

TMap<FString, FString> FAvatarBridgeAddress::Headers() const
{
	TMap<FString, FString> Headers;
	if (!Token.IsEmpty())
	{
		Headers.Add(TEXT("Authorization"), TEXT("Bearer ") + Token);
	}
	return Headers;
}

bool FAvatarBridgeAddress::operator==(const FAvatarBridgeAddress& Other) const
{
	return Server == Other.Server && Subject == Other.Subject && Rig == Other.Rig && Token == Other.Token;
}
