#pragma once

#include "AvatarBridgeSocket.h"
#include "Core/Properties.h"
#include "Core/Receiver.h"
#include "Core/Speaker.h"
#include "CoreMinimal.h"

/** One avatar's stream inside the engine: the core's receiver between the engine's socket, sound and whoever asks for the
 *  face. Game thread; only `Speaker` is shared with the audio render thread. */
class FAvatarBridgeClient : private avatarbridge::Outputs
{
public:
	/** The names of curves are others than before; not when a rig was merely tuned. */
	TFunction<void()> OnRenamed;
	TFunction<void(const avatarbridge::Event& Event)> OnEvent;
	const TSharedPtr<avatarbridge::Speaker, ESPMode::ThreadSafe> Speaker;

	FAvatarBridgeClient(const FAvatarBridgeAddress& Address, double BufferS, bool bWithAudio);

	/** To be called every frame: connects, shows, reports. */
	void Tick(double NowS);

	bool IsConnected() const { return Socket.IsConnected(); }
	bool IsSpeaking(double NowS) const { return Receiver.IsPlaying(Speaker->Read(NowS)); }
	/** Whether there is a face to show. */
	bool HasPose() const { return !FMath::IsNaN(Receiver.ShownTimeS()); }
	double ShownTimeS() const { return Receiver.ShownTimeS(); }
	const avatarbridge::Pose& Pose() const { return Receiver.CurrentPose(); }
	const avatarbridge::Layout* Layout() const { return Receiver.CurrentLayout(); }
	/** What Live Link gets of the pose; null before the first layout. */
	avatarbridge::Properties* LiveLinkProperties() { return Properties.Get(); }

private:
	virtual void Play(int64_t OutputFrame, const uint8_t* Pcm16, int Count) override;
	virtual void Silence() override;
	virtual void LaidOut(const avatarbridge::Layout& InLayout) override;
	virtual void Happened(const avatarbridge::Event& Event) override;
	virtual void Played(uint32_t Epoch, int64_t Sample) override;

	avatarbridge::Receiver Receiver;
	FAvatarBridgeSocket Socket;
	TUniquePtr<avatarbridge::Properties> Properties;
	double NextReportS = 0;
	int64 MalformedWarned = 0;
};
