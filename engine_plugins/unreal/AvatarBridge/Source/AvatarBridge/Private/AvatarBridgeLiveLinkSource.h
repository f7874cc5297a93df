#pragma once

#include "CoreMinimal.h"
#include "ILiveLinkSource.h"

#include <string>
#include <vector>

/** The avatars of this process in Live Link: one source, a subject each. Made when the first component begins to play, also
 *  in packaged games, and removed with the last. Game thread. */
class FAvatarBridgeLiveLinkSource : public ILiveLinkSource
{
public:
	/** The source, made and added if need be; null where Live Link is not enabled. */
	static TSharedPtr<FAvatarBridgeLiveLinkSource> Share();
	/** Give back what `Share` gave. */
	static void Release(TSharedPtr<FAvatarBridgeLiveLinkSource>& Source);

	/** The names of a subject's floats: once, and when they change. */
	void PushNames(FName Subject, const std::vector<std::string>& Names);
	/** A frame: as many values as names. `FrameTimeS` is seconds on the subject's timeline. */
	void PushFrame(FName Subject, const std::vector<float>& Values, double FrameTimeS, double NowS);
	void Remove(FName Subject);

	virtual void ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid) override;
	virtual bool IsSourceStillValid() const override;
	virtual bool RequestSourceShutdown() override;
	virtual FText GetSourceType() const override;
	virtual FText GetSourceMachineName() const override;
	virtual FText GetSourceStatus() const override;

private:
	ILiveLinkClient* Client = nullptr;
	FGuid SourceGuid;
	int32 Users = 0;
};
