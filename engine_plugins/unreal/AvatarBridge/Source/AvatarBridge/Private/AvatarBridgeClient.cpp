#include "AvatarBridgeClient.h"

#include "AvatarBridgeLog.h"
#include "HAL/PlatformTime.h"

namespace
{
	/** Frames are always sent, so a stream silent for so long is dead though it may not say so. */
	constexpr double SilentS = 5;
	constexpr double ReportEveryS = 0.1;
}

FAvatarBridgeClient::FAvatarBridgeClient(const FAvatarBridgeAddress& Address, double BufferS, bool bWithAudio)
	: Speaker(MakeShared<avatarbridge::Speaker, ESPMode::ThreadSafe>())
	, Receiver(*this, BufferS)
	, Socket(Address, TEXT("/ws/stream"), bWithAudio ? TEXT("") : TEXT("&audio=0"), SilentS)
{
	Socket.OnOpened = [this] { Receiver.Connected(); };
	Socket.OnBinary = [this](const uint8* Data, SIZE_T Size)
	{ Receiver.Receive(Data, Size, Speaker->Read(FPlatformTime::Seconds())); };
}

void FAvatarBridgeClient::Tick(double NowS)
{
	Socket.Tick(NowS);
	const avatarbridge::Reading Reading = Speaker->Read(NowS);
	Receiver.Show(Reading);
	if (NowS >= NextReportS)
	{
		Receiver.Report(Reading);
		NextReportS = NowS + ReportEveryS;
	}
	if (Receiver.LastFault() != nullptr && MalformedWarned == 0)
	{
		MalformedWarned = Receiver.Counts().malformed;
		UE_LOG(LogAvatarBridge, Warning, TEXT("A message of the bridge can't be read and is skipped, as others will be: %s."),
			UTF8_TO_TCHAR(Receiver.LastFault()));
	}
}

void FAvatarBridgeClient::Play(int64_t OutputFrame, const uint8_t* Pcm16, int Count)
{
	Speaker->Play(OutputFrame, Pcm16, Count);
}

void FAvatarBridgeClient::Silence()
{
	Speaker->Silence();
}

void FAvatarBridgeClient::LaidOut(const avatarbridge::Layout& InLayout)
{
	TUniquePtr<avatarbridge::Properties> New = MakeUnique<avatarbridge::Properties>(InLayout);
	const bool bRenamed = Properties.Get() == nullptr || Properties->Names() != New->Names();
	Properties = MoveTemp(New);
	if (bRenamed && OnRenamed)
	{
		OnRenamed();
	}
}

void FAvatarBridgeClient::Happened(const avatarbridge::Event& Event)
{
	if (OnEvent)
	{
		OnEvent(Event);
	}
}

void FAvatarBridgeClient::Played(uint32_t Epoch, int64_t Sample)
{
	Socket.Send(UTF8_TO_TCHAR(avatarbridge::EncodePlayed(Epoch, Sample).c_str()));
}
