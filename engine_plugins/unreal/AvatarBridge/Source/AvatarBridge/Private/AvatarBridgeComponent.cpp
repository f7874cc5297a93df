#include "AvatarBridgeComponent.h"

#include "Animation/MorphTarget.h"
#include "AudioDevice.h"
#include "AvatarBridgeClient.h"
#include "AvatarBridgeLiveLinkSource.h"
#include "AvatarBridgeLog.h"
#include "AvatarBridgeVoice.h"
#include "Components/AudioComponent.h"
#include "Components/SkeletalMeshComponent.h"
#include "Core/ShapeBinding.h"
#include "Engine/SkeletalMesh.h"
#include "Engine/World.h"
#include "GameFramework/Actor.h"
#include "HAL/PlatformTime.h"

namespace
{
	double ToSeconds(double Sample)
	{
		return Sample / avatarbridge::kSampleRateHz;
	}

	int32 IndexOf(const std::vector<std::string>& Names, FName Name)
	{
		for (size_t Index = 0; Index < Names.size(); ++Index)
		{
			if (FName(UTF8_TO_TCHAR(Names[Index].c_str())) == Name)
			{
				return static_cast<int32>(Index);
			}
		}
		return INDEX_NONE;
	}
}

UAvatarBridgeComponent::UAvatarBridgeComponent()
{
	PrimaryComponentTick.bCanEverTick = true;
	PrimaryComponentTick.bTickEvenWhenPaused = true;
	PrimaryComponentTick.TickGroup = TG_PrePhysics;
}

void UAvatarBridgeComponent::Say(
	const FString& Text, const FString& Emotion, const FString& Lang, float Intensity, bool bInterrupt)
{
	if (Tuning == nullptr || !Tuning->Say(Text, Lang, Emotion, Intensity, bInterrupt))
	{
		UE_LOG(LogAvatarBridge, Warning, TEXT("Nothing is said: there is no connection to the bridge at %s."), *Address.Server);
	}
}

void UAvatarBridgeComponent::Stop()
{
	if (Tuning != nullptr)
	{
		Tuning->Stop();
	}
}

void UAvatarBridgeComponent::SetEmotion(const FString& Emotion, float Intensity)
{
	if (Tuning != nullptr)
	{
		Tuning->SetNumber(TEXT("emotion.intensity"), Intensity);
		Tuning->SetChoice(TEXT("emotion.name"), Emotion);
	}
}

bool UAvatarBridgeComponent::IsConnected() const
{
	return Client.IsValid() && Client->IsConnected();
}

bool UAvatarBridgeComponent::IsSpeaking() const
{
	return Client.IsValid() && Client->IsSpeaking(FPlatformTime::Seconds());
}

float UAvatarBridgeComponent::GetCurve(FName Name) const
{
	const avatarbridge::Layout* Layout = Client.IsValid() ? Client->Layout() : nullptr;
	const int32 Index = Layout != nullptr ? IndexOf(Layout->curves, Name) : INDEX_NONE;
	return Index != INDEX_NONE ? Client->Pose().curves[static_cast<size_t>(Index)] : 0.0f;
}

FQuat UAvatarBridgeComponent::GetBoneRotation(FName Name) const
{
	const avatarbridge::Layout* Layout = Client.IsValid() ? Client->Layout() : nullptr;
	const int32 Index = Layout != nullptr ? IndexOf(Layout->bones, Name) : INDEX_NONE;
	if (Index == INDEX_NONE)
	{
		return FQuat::Identity;
	}
	const avatarbridge::Rotation& Rotation = Client->Pose().bones[static_cast<size_t>(Index)];
	return FQuat(Rotation.x, Rotation.y, Rotation.z, Rotation.w);
}

void UAvatarBridgeComponent::BeginPlay()
{
	Super::BeginPlay();
	Client = MakeShared<FAvatarBridgeClient>(Address, BufferMs / 1000.0, bPlayAudio);
	Client->OnRenamed = [this]
	{
		bNamesPushed = false;
		BindMorphTargets();
	};
	Client->OnEvent = [this](const avatarbridge::Event& Event)
	{
		if (Event.name == "caption")
		{
			OnCaption.Broadcast(UTF8_TO_TCHAR(Event.fields.Text("text").c_str()), ToSeconds(Event.fields.Number("start_sample")),
				ToSeconds(Event.fields.Number("end_sample")));
		}
		else if (Event.name == "state")
		{
			OnState.Broadcast(UTF8_TO_TCHAR(Event.fields.Text("state").c_str()));
		}
	};
	Tuning = NewObject<UAvatarBridgeTuning>(this);
	Tuning->Connect(Address);
	if (!LiveLinkSubject.IsNone())
	{
		LiveLink = FAvatarBridgeLiveLinkSource::Share();
	}
	if (bPlayAudio)
	{
		StartVoice();
	}
}

void UAvatarBridgeComponent::EndPlay(const EEndPlayReason::Type Reason)
{
	if (Audio != nullptr)
	{
		Audio->Stop();
		Audio->DestroyComponent();
		Audio = nullptr;
	}
	if (Tuning != nullptr)
	{
		Tuning->Disconnect();
	}
	if (LiveLink.IsValid())
	{
		LiveLink->Remove(LiveLinkSubject);
		FAvatarBridgeLiveLinkSource::Release(LiveLink);
	}
	Client.Reset();
	Super::EndPlay(Reason);
}

void UAvatarBridgeComponent::TickComponent(
	float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction)
{
	Super::TickComponent(DeltaTime, TickType, ThisTickFunction);
	if (!Client.IsValid())
	{
		return;
	}
	const double NowS = FPlatformTime::Seconds();
	UpdateLatency();
	Client->Tick(NowS);
	if (Client->HasPose())
	{
		ShowFace(NowS);
	}
}

void UAvatarBridgeComponent::StartVoice()
{
	Voice = NewObject<UAvatarBridgeVoice>(this);
	Voice->SetSpeaker(Client->Speaker);
	Audio = NewObject<UAudioComponent>(GetOwner());
	Audio->bAutoDestroy = false;
	Audio->bAllowSpatialization = bSpatialAudio;
	Audio->SetSound(Voice);
	Audio->RegisterComponent();
	if (USceneComponent* Root = GetOwner()->GetRootComponent())
	{
		Audio->AttachToComponent(Root, FAttachmentTransformRules::SnapToTargetNotIncludingScale);
	}
	Audio->Play();
}

/** What lies between a pull and the ear: the voice's own buffers, of which the engine keeps two in hand, and the device's. */
void UAvatarBridgeComponent::UpdateLatency()
{
	double LatencyS = OutputLatencyMs / 1000.0;
	const FAudioDevice* Device = GetWorld() != nullptr ? GetWorld()->GetAudioDeviceRaw() : nullptr;
	if (LatencyS < 0 && Device != nullptr && Device->GetSampleRate() > 0)
	{
		constexpr double VoiceBuffers = 2;
		const double DeviceS = Device->GetBufferLength() * Device->GetNumBuffers() / static_cast<double>(Device->GetSampleRate());
		LatencyS = VoiceBuffers * Client->Speaker->BlockS() + DeviceS;
	}
	Client->Speaker->SetLatency(FMath::Max(0.0, LatencyS));
}

void UAvatarBridgeComponent::BindMorphTargets()
{
	Morphs.Reset();
	UnboundCurves.Reset();
	if (!bDriveMorphTargets || GetOwner() == nullptr)
	{
		return;
	}
	std::vector<std::string> Shapes;
	TArray<USkeletalMeshComponent*> Meshes;
	GetOwner()->GetComponents(Meshes);
	TArray<FMorph> Found;
	for (USkeletalMeshComponent* Mesh : Meshes)
	{
		const USkeletalMesh* Asset = Mesh->GetSkeletalMeshAsset();
		if (Asset == nullptr)
		{
			continue;
		}
		for (const UMorphTarget* Target : Asset->GetMorphTargets())
		{
			Shapes.push_back(TCHAR_TO_UTF8(*Target->GetName()));
			Found.Add({Mesh, Target->GetFName(), 0});
		}
	}
	const avatarbridge::ShapeBinding Binding = avatarbridge::BindShapes(Client->Layout()->curves, Shapes);
	for (const avatarbridge::ShapeBinding::Pair& Pair : Binding.pairs)
	{
		FMorph Morph = Found[Pair.shape];
		Morph.Curve = Pair.curve;
		Morphs.Add(Morph);
	}
	for (const std::string& Curve : Binding.unbound)
	{
		UnboundCurves.Add(FName(UTF8_TO_TCHAR(Curve.c_str())));
	}
	UE_LOG(LogAvatarBridge, Log, TEXT("%d morph targets follow the bridge; %d curves found none."), Morphs.Num(), UnboundCurves.Num());
}

void UAvatarBridgeComponent::ShowFace(double NowS)
{
	const std::vector<float>& Curves = Client->Pose().curves;
	for (const FMorph& Morph : Morphs)
	{
		if (USkeletalMeshComponent* Mesh = Morph.Mesh.Get())
		{
			Mesh->SetMorphTarget(Morph.Name, Curves[static_cast<size_t>(Morph.Curve)]);
		}
	}
	PushToLiveLink(NowS);
}

void UAvatarBridgeComponent::PushToLiveLink(double NowS)
{
	avatarbridge::Properties* Properties = Client->LiveLinkProperties();
	if (!LiveLink.IsValid() || Properties == nullptr)
	{
		return;
	}
	if (!bNamesPushed)
	{
		LiveLink->PushNames(LiveLinkSubject, Properties->Names());
		bNamesPushed = true;
	}
	LiveLink->PushFrame(LiveLinkSubject, Properties->Values(Client->Pose()), Client->ShownTimeS(), NowS);
}
