#include "AvatarBridgeLiveLinkSource.h"

#include "Core/Wire.h"
#include "Features/IModularFeatures.h"
#include "ILiveLinkClient.h"
#include "LiveLinkTypes.h"
#include "Misc/FrameRate.h"
#include "Misc/QualifiedFrameTime.h"
#include "Roles/LiveLinkBasicRole.h"
#include "Roles/LiveLinkBasicTypes.h"

#define LOCTEXT_NAMESPACE "AvatarBridge"

namespace
{
	TWeakPtr<FAvatarBridgeLiveLinkSource> SharedSource;

	ILiveLinkClient* FindLiveLink()
	{
		IModularFeatures& Features = IModularFeatures::Get();
		const FName Name = ILiveLinkClient::ModularFeatureName;
		return Features.IsModularFeatureAvailable(Name) ? &Features.GetModularFeature<ILiveLinkClient>(Name) : nullptr;
	}
}

TSharedPtr<FAvatarBridgeLiveLinkSource> FAvatarBridgeLiveLinkSource::Share()
{
	TSharedPtr<FAvatarBridgeLiveLinkSource> Source = SharedSource.Pin();
	// One that a person removed in the Live Link window is valid no more.
	if (!Source.IsValid() || !Source->IsSourceStillValid())
	{
		ILiveLinkClient* LiveLink = FindLiveLink();
		if (LiveLink == nullptr)
		{
			return nullptr;
		}
		Source = MakeShared<FAvatarBridgeLiveLinkSource>();
		LiveLink->AddSource(Source);
		SharedSource = Source;
	}
	++Source->Users;
	return Source;
}

void FAvatarBridgeLiveLinkSource::Release(TSharedPtr<FAvatarBridgeLiveLinkSource>& Source)
{
	ILiveLinkClient* LiveLink = FindLiveLink();
	if (Source.IsValid() && --Source->Users == 0 && LiveLink != nullptr)
	{
		LiveLink->RemoveSource(Source);
	}
	Source.Reset();
}

void FAvatarBridgeLiveLinkSource::PushNames(FName Subject, const std::vector<std::string>& Names)
{
	if (Client == nullptr)
	{
		return;
	}
	FLiveLinkStaticDataStruct Data(FLiveLinkBaseStaticData::StaticStruct());
	FLiveLinkBaseStaticData& StaticData = *Data.Cast<FLiveLinkBaseStaticData>();
	StaticData.PropertyNames.Reserve(static_cast<int32>(Names.size()));
	for (const std::string& Name : Names)
	{
		StaticData.PropertyNames.Add(FName(UTF8_TO_TCHAR(Name.c_str())));
	}
	Client->PushSubjectStaticData_AnyThread(FLiveLinkSubjectKey(SourceGuid, Subject), ULiveLinkBasicRole::StaticClass(), MoveTemp(Data));
}

void FAvatarBridgeLiveLinkSource::PushFrame(FName Subject, const std::vector<float>& Values, double FrameTimeS, double NowS)
{
	if (Client == nullptr)
	{
		return;
	}
	const FFrameRate Rate(avatarbridge::kFps, 1);
	FLiveLinkFrameDataStruct Data(FLiveLinkBaseFrameData::StaticStruct());
	FLiveLinkBaseFrameData& Frame = *Data.Cast<FLiveLinkBaseFrameData>();
	Frame.WorldTime = NowS;
	Frame.MetaData.SceneTime = FQualifiedFrameTime(Rate.AsFrameTime(FrameTimeS), Rate);
	Frame.PropertyValues.Append(Values.data(), static_cast<int32>(Values.size()));
	Client->PushSubjectFrameData_AnyThread(FLiveLinkSubjectKey(SourceGuid, Subject), MoveTemp(Data));
}

void FAvatarBridgeLiveLinkSource::Remove(FName Subject)
{
	if (Client != nullptr)
	{
		Client->RemoveSubject_AnyThread(FLiveLinkSubjectKey(SourceGuid, Subject));
	}
}

void FAvatarBridgeLiveLinkSource::ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid)
{
	Client = InClient;
	SourceGuid = InSourceGuid;
}

bool FAvatarBridgeLiveLinkSource::IsSourceStillValid() const
{
	return Client != nullptr;
}

bool FAvatarBridgeLiveLinkSource::RequestSourceShutdown()
{
	Client = nullptr;
	return true;
}

FText FAvatarBridgeLiveLinkSource::GetSourceType() const
{
	return LOCTEXT("SourceType", "Avatar Bridge");
}

FText FAvatarBridgeLiveLinkSource::GetSourceMachineName() const
{
	return LOCTEXT("SourceMachine", "Components of this process");
}

FText FAvatarBridgeLiveLinkSource::GetSourceStatus() const
{
	return Client != nullptr ? LOCTEXT("Active", "Active") : LOCTEXT("Removed", "Removed");
}

#undef LOCTEXT_NAMESPACE
