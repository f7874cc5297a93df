#include "AvatarBridgeTuning.h"

#include "AvatarBridgeSocket.h"
#include "Core/Control.h"
#include "HAL/PlatformTime.h"

#include <limits>
#include <string>

namespace
{
	const char* const CurvesPrefix = "rig.curves.";
	const char* const GainSuffix = ".gain";

	std::string ToUtf8(const FString& Text)
	{
		return TCHAR_TO_UTF8(*Text);
	}

	FString FromUtf8(const std::string& Text)
	{
		return UTF8_TO_TCHAR(Text.c_str());
	}
}

/** The core's desk, and the socket that fills it. */
struct FAvatarBridgeDesk
{
	FAvatarBridgeAddress Address;
	avatarbridge::Desk Core;
	FAvatarBridgeSocket Socket;

	explicit FAvatarBridgeDesk(const FAvatarBridgeAddress& InAddress)
		: Address(InAddress)
		, Socket(InAddress, TEXT("/ws/control"), TEXT(""), std::numeric_limits<double>::infinity())
	{
	}

	bool Send(const std::string& Text) { return Socket.Send(FromUtf8(Text)); }
};

void UAvatarBridgeTuning::Connect(const FAvatarBridgeAddress& InAddress)
{
	if (Desk.IsValid() && Desk->Address == InAddress)
	{
		return;
	}
	Disconnect();
	Desk = MakeShared<FAvatarBridgeDesk>(InAddress);
	Desk->Socket.OnText = [this](const FString& Text)
	{
		const std::string Utf8 = ToUtf8(Text);
		if (Desk->Core.Receive(Utf8.data(), Utf8.size()))
		{
			OnChanged.Broadcast();
		}
	};
	Ticker = FTSTicker::GetCoreTicker().AddTicker(FTickerDelegate::CreateUObject(this, &UAvatarBridgeTuning::Tick));
}

void UAvatarBridgeTuning::Disconnect()
{
	if (Desk.IsValid())
	{
		FTSTicker::GetCoreTicker().RemoveTicker(Ticker);
		Desk.Reset();
	}
}

bool UAvatarBridgeTuning::IsConnected() const
{
	return Desk.IsValid() && Desk->Socket.IsConnected();
}

bool UAvatarBridgeTuning::IsConnectedTo(const FAvatarBridgeAddress& Address) const
{
	return IsConnected() && Desk->Address == Address;
}

bool UAvatarBridgeTuning::Say(const FString& Text, const FString& Lang, const FString& Emotion, double Intensity, bool bInterrupt)
{
	avatarbridge::Line Line;
	Line.text = ToUtf8(Text);
	Line.lang = ToUtf8(Lang);
	if (!Emotion.IsEmpty())
	{
		Line.emotion = ToUtf8(Emotion);
	}
	Line.intensity = Intensity;
	Line.interrupt = bInterrupt;
	return Desk.IsValid() && Desk->Send(avatarbridge::EncodeSay(Line));
}

bool UAvatarBridgeTuning::Stop()
{
	return Desk.IsValid() && Desk->Send(avatarbridge::EncodeCommand("stop"));
}

bool UAvatarBridgeTuning::SetNumber(const FString& Path, double Value)
{
	return Desk.IsValid() && Desk->Send(avatarbridge::EncodeSet(ToUtf8(Path), Value));
}

bool UAvatarBridgeTuning::SetChoice(const FString& Path, const FString& Value)
{
	return Desk.IsValid() && Desk->Send(avatarbridge::EncodeSet(ToUtf8(Path), ToUtf8(Value)));
}

bool UAvatarBridgeTuning::Undo()
{
	return Desk.IsValid() && Desk->Send(avatarbridge::EncodeCommand("undo"));
}

bool UAvatarBridgeTuning::Redo()
{
	return Desk.IsValid() && Desk->Send(avatarbridge::EncodeCommand("redo"));
}

bool UAvatarBridgeTuning::Save()
{
	return Desk.IsValid() && Desk->Send(avatarbridge::EncodeCommand("save"));
}

bool UAvatarBridgeTuning::GetNumber(const FString& Path, double& Value) const
{
	if (!Desk.IsValid())
	{
		return false;
	}
	const auto Found = Desk->Core.Values().find(ToUtf8(Path));
	if (Found == Desk->Core.Values().end() || !Found->second.IsNumber())
	{
		return false;
	}
	Value = Found->second.number;
	return true;
}

TArray<FString> UAvatarBridgeTuning::GetCurves() const
{
	TArray<FString> Curves;
	if (!Desk.IsValid())
	{
		return Curves;
	}
	const std::string Prefix = CurvesPrefix;
	const std::string Suffix = GainSuffix;
	for (const auto& [Path, Value] : Desk->Core.Values())
	{
		const size_t Around = Prefix.size() + Suffix.size();
		if (Path.size() > Around && Path.compare(0, Prefix.size(), Prefix) == 0
			&& Path.compare(Path.size() - Suffix.size(), Suffix.size(), Suffix) == 0)
		{
			Curves.Add(FromUtf8(Path.substr(Prefix.size(), Path.size() - Around)));
		}
	}
	return Curves;
}

bool UAvatarBridgeTuning::GetRange(const FString& Path, FAvatarBridgeRange& Range) const
{
	const avatarbridge::ControlSpec* Spec = Desk.IsValid() ? Desk->Core.Find(ToUtf8(Path)) : nullptr;
	if (Spec == nullptr)
	{
		return false;
	}
	Range = {Spec->min, Spec->max, FromUtf8(Spec->unit), FromUtf8(Spec->label)};
	return true;
}

bool UAvatarBridgeTuning::CanUndo() const
{
	return Desk.IsValid() && Desk->Core.CanUndo();
}

bool UAvatarBridgeTuning::CanRedo() const
{
	return Desk.IsValid() && Desk->Core.CanRedo();
}

bool UAvatarBridgeTuning::HasUnsaved() const
{
	return Desk.IsValid() && Desk->Core.HasUnsaved();
}

FString UAvatarBridgeTuning::GetLastError() const
{
	return Desk.IsValid() ? FromUtf8(Desk->Core.LastError()) : FString();
}

void UAvatarBridgeTuning::BeginDestroy()
{
	Disconnect();
	Super::BeginDestroy();
}

bool UAvatarBridgeTuning::Tick(float DeltaSeconds)
{
	if (Desk.IsValid())
	{
		Desk->Socket.Tick(FPlatformTime::Seconds());
	}
	return true;
}
